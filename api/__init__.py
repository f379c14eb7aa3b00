"""The doors: HTTP routes and the command line. They parse, call and answer."""
