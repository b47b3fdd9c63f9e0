# One user in ten gets 2.0.0, and keeps it; who sends the header gets it as before.
app_version = "2.0.0"
revisions = [
  { version = "1.0.0", percent = 90 },
  { version = "2.0.0", percent = 10, tag = "next", min_scale = 1 },
]
rules = [
  { name = "preview", target = "next", match = [{ headers = { x-preview = { exact = "yes" } } }] },
]
