# Half of the users: those of the step before, and more.
app_version = "2.0.0"
revisions = [
  { version = "1.0.0", percent = 50 },
  { version = "2.0.0", percent = 50, tag = "next", min_scale = 1 },
]
rules = [
  { name = "preview", target = "next", match = [{ headers = { x-preview = { exact = "yes" } } }] },
]
