# Version 2.0.0 serves everybody. Version 1.0.0 stays, scaled to zero, to go back to.
app_version = "2.0.0"
revisions = [
  { version = "1.0.0" },
  { version = "2.0.0", percent = 100, tag = "next" },
]
