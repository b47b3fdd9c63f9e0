# The way back: version 1.0.0 serves everybody again, whatever has been deployed since.
app_version = "2.0.0"
revisions   = [{ version = "1.0.0", percent = 100 }]
