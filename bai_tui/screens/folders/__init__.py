"""Virtual folders: the list, the two panes with files, who shares them, where they lie."""
