# Version 1.0.0 serves everybody.
app_version = "1.0.0"
revisions   = [{ version = "1.0.0", percent = 100 }]
