"""`python -m fcn_gui` is `fcn-gui`."""

from fcn_gui.cli.main import main

if __name__ == "__main__":
    main()
