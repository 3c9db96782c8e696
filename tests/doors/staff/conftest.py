"""Django, ready before the tests of this folder are read."""

import django

django.setup()
