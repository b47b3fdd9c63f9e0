# Version 2.0.0 is deployed and warm; only who sends the header gets it.
app_version = "2.0.0"
revisions = [
  { version = "1.0.0", percent = 100 },
  { version = "2.0.0", tag = "next", min_scale = 1 },
]
rules = [
  { name = "preview", target = "next", match = [{ headers = { x-preview = { exact = "yes" } } }] },
]
