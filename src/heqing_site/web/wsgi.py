"""The door for a web server: ``heqing_site.web.wsgi:application``."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from heqing_site.web.start import start

start()
application = get_wsgi_application()
