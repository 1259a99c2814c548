"""The commands and what each does, in a line; read before the command-line library is there."""

COMMANDS = {
    "open": "Open the window (what `fcn-gui FOLDER` does).",
    "demo": "Try the program on a copy of the sample photos.",
    "predict": "Write a mask for each photograph.",
    "train": "Train on a data set.",
    "retrain": "Learn from the corrections of a project, as the window's Retrain does.",
    "evaluate": "Measure a checkpoint on a data set.",
    "simulate": "Say how many seconds the program saves a person on a data set.",
    "export": "Write the masks of a project as a PASCAL VOC data set.",
    "checkpoints": "List checkpoints, say where they came from, bring in published ones.",
    "doctor": "Say what this computer offers and what the program chose.",
}
