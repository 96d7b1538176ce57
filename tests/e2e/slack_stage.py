"""A real bot beside the fake Slack, over TLS with a certificate of a private authority."""
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fakes"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bot as stage
from slack.client import SlackServer

ALICE, BOB, CAROL = "U0ALICE", "U0BOB", "W0CAROL"  # on duty; the tech lead; the CTO
PEOPLE = {"devops@lawsker.com": ALICE, "tech-lead@lawsker.com": BOB, "cto@lawsker.com": CAROL}


KNOWN = (("devops@lawsker.com", "terminal: devops, web: devops", "&by-mail [email, inbox]"),
         ("tech-lead@lawsker.com", "terminal: lead, web: lead", "*by-mail"),
         ("cto@lawsker.com", "web: chief", "*by-mail"))


def certificates(folder):
    made = folder / "ca"
    made.mkdir()
    subprocess.run(["/usr/bin/python3", str(stage.ROOT / "tests/fakes/make_ca.py"), str(made)], check=True,
                   capture_output=True)
    return made


class SlackBot(stage.Bot):
    """The manual's people, known in Slack, too. `options`: lines of chat.slack; `channels`: theirs, in order."""

    def __init__(self, folder, mail_port, slack, ca_file="", options=(), channels="[slack, email, inbox]", changes=(),
                 **more):
        for name, token in (("app", slack.app_token), ("bot", slack.bot_token)):
            (folder / f"{name}.token").write_text(token)
            (folder / f"{name}.token").chmod(0o600)
        chat = ["chat:", "  slack:", f"    app_token: file:{folder}/app.token",
                f"    bot_token: file:{folder}/bot.token", f"    api_url: {slack.api_url}"]
        if ca_file:
            chat.append(f"    ca_file: {ca_file}")
        chat += [f"    {line}" for line in options]
        changes = [("time_zone: Asia/Shanghai\n", "time_zone: Asia/Shanghai\n" + "\n".join(chat) + "\n"),
                   *((f"{{email: {mail}, {rest}}}\n    channels: {by_mail}\n",
                      f"{{email: {mail}, slack: {PEOPLE[mail]}, {rest}}}\n    channels: {channels}\n")
                     for mail, rest, by_mail in KNOWN),
                   ("web: product}\n    channels: *by-mail", "web: product}\n    channels: &by-mail [email, inbox]"),
                   *changes]
        # Both clocks show the same: what was sent is as old to the bot as it is to Slack.
        more.setdefault("origin", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        super().__init__(folder, mail_port, changes=changes, **more)


if __name__ == "__main__":
    sys.exit("a module of the tests")
