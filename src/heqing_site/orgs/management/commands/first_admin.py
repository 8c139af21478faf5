"""``python -m heqing_site first_admin``: open the first account of a new installation (首个系统管理员)."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from heqing_site.errors import RuleBrokenError
from heqing_site.orgs.actions import found_site
from heqing_site.orgs.models import User


class Command(BaseCommand):
    """Ask for a name and a password, and found the site."""

    help = "Open the first account of a new installation, the site administrator (首个系统管理员)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name the account."""
        parser.add_argument("username", help="user name for the login (用户名)")
        parser.add_argument("display_name", help="name of the person (姓名)")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        """Carry out."""
        if User._meta.db_table not in connection.introspection.table_names():
            raise CommandError(
                "这个数据目录还没有建立数据表。请先运行 heqing serve 或 heqing migrate，再建账号。"
                "The tables are not there yet: run heqing serve or heqing migrate first."
            )
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password = getpass("密码 / password: ")
            if password != getpass("再次输入 / again: "):
                raise CommandError("两次输入的密码不一致，未建立账号。The passwords differ; no account was opened.")
        try:
            user = found_site(
                at=timezone.now(),
                username=options["username"],
                display_name=options["display_name"],
                password=password,
            )
        except RuleBrokenError as error:
            raise CommandError(f"{error.sentence()} {error.sentence('en')}") from error
        self.stdout.write(f"已建立系统管理员“{user}”，可以登录。The site administrator can log in now.")
