"""The views, one file a noun. Each is thin: form in, one call of the desk, page or redirect out."""
