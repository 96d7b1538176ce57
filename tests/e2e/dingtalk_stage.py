"""A real bot beside the fake DingTalk, over TLS with a certificate of a private authority."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from chat_scene import CTO, DUTY, LEAD, Chat, ChatBot
from dingtalk.client import DingTalkServer

__all__ = ["ALICE", "BOB", "CAROL", "OPS", "PARTNERS", "PEOPLE", "TEMPLATE", "DingTalkBot", "DingTalkServer",
           "dingtalk_chat"]
ALICE, BOB, CAROL = "alice0421", "bob0533", "carol0777"  # on duty; the tech lead; the CTO
PEOPLE = {DUTY: ALICE, LEAD: BOB, CTO: CAROL}
OPS, PARTNERS = "cidOps0aGVsbG8gb3Bz==", "cidPartner0cGFydG5lcg=="
TEMPLATE = "0a1b2c3d-incident.schema"


def dingtalk_chat(folder, dingtalk, ca_file="", template=TEMPLATE, group=OPS, options=()):
    """`template`: of its cards; None: there are no cards. `group`: where incidents that were opened elsewhere are told;
    None: nowhere. `options`: more lines of chat.dingtalk."""
    lines = [f"client_id: {dingtalk.client_id}", f"client_secret: file:{folder}/dingtalk.secret",
             f"api_url: {dingtalk.api_url}", f"old_api_url: {dingtalk.old_api_url}"]
    for name, value in (("ca_file", ca_file), ("card_template", template), ("group", group)):
        if value:
            lines.append(f"{name}: {value}")
    return Chat("dingtalk", {"dingtalk.secret": dingtalk.client_secret}, [*lines, *options], PEOPLE)


class DingTalkBot(ChatBot):
    """`template`, `group`, `options`: of dingtalk_chat; `channels`: of its people, in order."""

    def __init__(self, folder, mail_port, dingtalk, ca_file="", template=TEMPLATE, group=OPS, options=(),
                 channels="[dingtalk, email, inbox]", **more):
        super().__init__(folder, mail_port, [dingtalk_chat(folder, dingtalk, ca_file, template, group, options)],
                         channels, **more)


if __name__ == "__main__":
    sys.exit("a module of the tests")
