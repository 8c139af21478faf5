"""The site's verbs of the one command: ``heqing migrate``, ``serve``, ``demo``, ``campaign``, ``library``, ``ledger``.

They join through the entry-point group ``heqing.verbs``. Each names its data folder before Django is set up, brings the
tables up to date, and reads the clock for the actions; none writes anything itself. Nothing of the rooms is imported
until a verb runs, so that ``heqing read`` stays quick.
"""

from __future__ import annotations

import functools
import inspect
import os
import secrets
import socket
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import django
import typer

from heqing.cli.console import say
from heqing_site.ledger.verbs import ledger_app
from heqing_site.rounds import verbs as rounds
from heqing_site.rounds.verbs import judge

if TYPE_CHECKING:
    from heqing_site.orgs.models import User

REFUSED = 1
DEMO_FOLDER = Path("var/demo")
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Folder of the installation; by default HEQING_DATA_DIR, else ./var.",
        show_default=False,
    ),
]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes any that is free.")]
Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")]


# --- what every verb does first -----------------------------------------------------------------------------------


def in_installation(verb: Callable[..., None], *, folder: Path | None = None) -> Callable[..., None]:
    """Let a verb work in an installation: give it ``--data-dir``, set Django up there, say errors in sentences.

    A verb that has ``--data-dir`` itself is handed the folder, too.
    """
    hints = get_type_hints(verb, include_extras=True)
    own = inspect.signature(verb)
    parameters = [p.replace(annotation=hints.get(name, p.annotation)) for name, p in own.parameters.items()]
    if "data_dir" not in own.parameters:
        parameters.append(
            inspect.Parameter("data_dir", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=DataDir)
        )

    @functools.wraps(verb)
    def run(**words: Any) -> None:
        where = words["data_dir"] if "data_dir" in own.parameters else words.pop("data_dir")
        prepare(where or (None if os.environ.get("HEQING_DATA_DIR") else folder))
        with_sentences(verb)(**words)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    del run.__wrapped__
    return run


def with_sentences(verb: Callable[..., None]) -> Callable[..., None]:
    """Let a verb say a broken rule in its Chinese and English sentence, and leave with the code for a refusal."""

    @functools.wraps(verb)
    def run(**words: Any) -> None:
        from heqing_site.errors import RuleBrokenError

        try:
            verb(**words)
        except RuleBrokenError as error:
            say(f"{error.sentence()} {error.sentence('en')}")
            raise typer.Exit(REFUSED) from error

    return run


def prepare(folder: Path | None) -> None:
    """Set Django up for a data folder and bring its tables up to date, saying so in one line."""
    if folder is not None:
        os.environ["HEQING_DATA_DIR"] = str(folder)
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    from heqing_site.web.start import start

    try:
        start()
        django.setup()
        count = _migrate()
    except (ImproperlyConfigured, DatabaseError) as error:
        say(f"error: {error}")
        raise typer.Exit(REFUSED) from error
    if count:
        from django.conf import settings

        say(f"数据表已更新（{count} 项），数据目录 {settings.DATA_DIR}。 {count} migrations applied.")


def _migrate() -> int:
    """Apply what is pending and tell how much it was."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        call_command("migrate", verbosity=0, interactive=False)
    return pending


def operator(username: str | None) -> User:
    """Give who acts from the command line: a named account, else the first site administrator.

    Whoever holds the server may open the first account; in an empty installation that happens here, and its password
    is said once.
    """
    from django.utils import timezone

    from heqing_site.orgs.actions import found_site
    from heqing_site.orgs.models import User
    from heqing_site.orgs.queries import site_admins

    if username is not None:
        found = User.objects.filter(username__iexact=username, is_active=True).first()
        if found is None:
            say(f"没有在用的账号“{username}”。There is no open account “{username}”.")
            raise typer.Exit(REFUSED)
        return found
    admin = site_admins(on=timezone.localdate()).order_by("pk").first()
    if admin is None:
        password = secrets.token_urlsafe(12)
        admin = found_site(at=timezone.now(), username="admin", display_name="系统管理员", password=password)
        say(f"本系统尚无账号，已建立系统管理员 admin，密码 {password}，请登录后修改。")
        say(f"There was no account: opened the administrator admin with the password {password}; change it.")
    return admin


# --- verbs --------------------------------------------------------------------------------------------------------


def migrate() -> None:
    """Bring the tables of an installation up to date.

    Other verbs do so themselves; this one is for whoever updates a server step by step.

    Examples
    --------
      heqing migrate --data-dir /srv/heqing
    """
    say("数据表已是最新。 The tables are up to date.")


def serve(port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Start the site.

    Examples
    --------
      heqing serve --data-dir /srv/heqing --port 8000
    """
    from heqing_site.orgs.models import User

    listening = _listen(host, port)
    if not User.objects.exists():
        say(
            "本系统尚无账号，无人能登录。另开窗口运行 python -m heqing_site first_admin 用户名 姓名；"
            "想先看演示，请运行 heqing demo。 There is no account yet: open the first with "
            "python -m heqing_site first_admin USERNAME NAME, or look at heqing demo."
        )
    _serve(listening)


def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Set everything up and stop.")] = False,
    months: Annotated[int, typer.Option("--months", min=1, max=60, help="Months of values of a new district.")] = 14,
    day: Annotated[
        str, typer.Option("--day", metavar="DAY", help="Last day of values; by default yesterday.", show_default=False)
    ] = "",
    port: Port = 8000,
    host: Host = "127.0.0.1",
) -> None:
    """Set up an invented district and start the site with it.

    Units, people, rivers, stations, enterprises, values and documents are made by this program; nothing is real. What
    is there already is left alone; a later day adds the days between. By default it lives in ./var/demo.

    Examples
    --------
      heqing demo

      heqing demo --no-serve --months 1 --day 2026-03-31 --data-dir demo
    """
    from django.conf import settings
    from django.utils import timezone

    from heqing_site.demo import rules
    from heqing_site.demo.actions import set_up

    through = _day(day) if day else timezone.localdate() - timedelta(days=1)
    listening = None if no_serve else _listen(host, port)  # before the long work, so that a taken port is said at once
    at = timezone.now()
    found = set_up(at=at, through=through, folder=settings.DATA_DIR, months=months, tell=say)
    typer.echo(
        f"演示数据：{found.district.name}的单位、人员、点位、数值和文件均为虚构"
        f"（数据 {found.first_day} 至 {found.through}）。"
    )
    typer.echo("Demonstration: every name and value is invented.")
    typer.echo(f"\n演示账号（密码都是 {rules.PASSWORD}）  Demo logins, all with the password {rules.PASSWORD}:")
    for account in rules.accounts():
        typer.echo(f"  {account.username:<11} {account.name}  {account.about}")
    if listening is not None:
        typer.echo()
        _serve(listening)


As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="USER", help="Who does it; by default the first site administrator.", show_default=False
    ),
]


def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Documents.", show_default=False)],
    as_: As = None,
) -> None:
    """Hand in documents; their findings wait for review.

    Examples
    --------
      heqing library add speech.txt report.docx
    """
    from django.utils import timezone

    from heqing_site.errors import RuleBrokenError
    from heqing_site.library.actions import add_document

    by = operator(as_)
    refused = 0
    for file in files:
        try:
            done = add_document(by=by, at=timezone.now(), file_name=file.name, content=file.read_bytes(), unit=by.unit)
        except (OSError, RuleBrokenError) as error:
            refused += 1
            said = error.strerror if isinstance(error, OSError) else error.sentence()
            say(f"{file}: {said}")
            continue
        count = done.document.findings.count()
        word = "已收存" if done.is_new else "此前已收存，未变动"
        typer.echo(f"{done.document.pk}\t{done.document.title}\t{count}\t{word}")
    if refused:
        raise typer.Exit(REFUSED)


# --- serving ------------------------------------------------------------------------------------------------------


def campaign(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of .csv files.", show_default=False)],
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects", metavar="DIR", help="Where rejected rows are written; by default FOLDER.", show_default=False
        ),
    ] = None,
    as_: As = None,
) -> None:
    """Enter a campaign from a folder of .csv files: units, duties, targets, parts, task lists, registers, letters.

    Each file goes through the same import as on its page; a second time changes nothing. Letters are drafted only.

    Examples
    --------
      heqing campaign examples/campaigns/zhongshan --data-dir zhongshan
    """
    rounds.campaign(folder, by=operator(as_), rejects=rejects)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port, or say who has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(64)
    except OSError as error:
        listening.close()
        say(
            f"端口 {port} 不能使用（{error.strerror}）。可能另有程序占用，请换一个：--port {port + 1}。 "
            f"Port {port} on {host} cannot be used: {error.strerror}. Try --port {port + 1}."
        )
        raise typer.Exit(REFUSED) from error
    return listening


def _announce(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    typer.echo(f"打开 http://{shown}:{port}/  停止：Ctrl+C  (open the address; stop with Ctrl+C)")
    sys.stdout.flush()


def _serve(listening: socket.socket) -> None:
    """Answer requests until stopped, with the worker of the day beside."""
    from contextlib import nullcontext

    from django.conf import settings
    from django.utils import timezone
    from django.utils.module_loading import import_string

    from heqing_site.web import server
    from heqing_site.web.worker import Worker
    from heqing_site.web.wsgi import application

    deed = import_string(settings.ROUNDS_DAILY) if settings.ROUNDS_DAILY else None
    worker = Worker(deed, hour=settings.DAILY_HOUR, folder=settings.DATA_DIR, now=timezone.now) if deed else None
    server.run(
        application,
        listening,
        behind_proxy=settings.BEHIND_PROXY,
        beside=worker or nullcontext(),
        ready=lambda: _announce(listening),
    )
    say("已停止。 Stopped.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"“{text}” is no day; write it as 2026-03-31.", param_hint="--day") from error


# --- how they join the one command ----------------------------------------------------------------------------------


def _prepare_with_operator(folder: Path | None) -> User:
    prepare(folder)
    return operator(None)


def _ledger() -> typer.Typer:
    """Give the verbs of the ledger, which know no settings, an installation and sentences."""
    app = ledger_app(_prepare_with_operator)
    for command in app.registered_commands:
        if command.callback is not None:
            command.callback = with_sentences(command.callback)
    return app


migrate_verb = in_installation(migrate)
serve_verb = in_installation(serve)
judge_verb = in_installation(judge)
campaign_verb = in_installation(campaign)
demo_verb = in_installation(demo, folder=DEMO_FOLDER)
ledger_verbs = _ledger()
library_verbs = typer.Typer(help="Documents of an installation.", no_args_is_help=True)
library_verbs.command("add")(in_installation(add))
library_verbs.callback()(lambda: None)
