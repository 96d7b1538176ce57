"""What people do with what stands there: click cards, tap links, read."""
import json
import urllib.parse

from acks import data_of
from common.refusals import Impossible
from interactions import Interaction
from pushes import CARDS

DTMD = "dtmd://dingtalkclient/sendMessage"


class Gestures:
    def __init__(self, world):
        self.world, self.organization = world, world.organization

    # Cards (dingtalk.md 4.4)

    def click(self, user, card, action, params=None):
        """`card`: its outTrackId. The answer is awaited for two seconds; then the card stays as it is."""
        person = self.organization.person(user)
        found = self.world.cards.card(card)
        space = found.seen_by(person)
        if space is None:
            raise Impossible(f"{person.name} does not see {card}", 403)
        buttons = self.organization.card_templates[found.template]["buttons"]
        if buttons is not None and action not in buttons:
            raise Impossible(f"the template has no button {action}", 404)
        interaction = Interaction(self.world, "card", person, space.conversation, card=card, action=action)
        if found.callback_type != "STREAM":
            interaction.outcome = "http"
            return interaction
        data = self._callback(person, found, space, action, params or {})
        return interaction.send(CARDS, data, "card", card, lambda ack: self._answered(found, person, ack))

    def _callback(self, person, card, space, action, params):
        settings = self.world.settings
        content = json.dumps({"cardPrivateData": {"actionIds": [action], "params": params}}, ensure_ascii=False)
        by_union = card.user_id_type == 2
        data = {"type": "actionCallback", "outTrackId": card.id, "userIdType": card.user_id_type,
                "userId": person.union_id if by_union else person.staff_id, "corpId": self.organization.corp["id"],
                "spaceType": "im" if settings["card_space_lower"] else space.type, "spaceId": space.place,
                "extension": "{}"}
        if settings["card_callback_form"] != "none":
            data[settings["card_callback_form"]] = content
        return data

    def _answered(self, card, person, ack):
        answer = (data_of(ack) or {}).get("response")
        if ack["code"] != 200 or not isinstance(answer, dict):
            return "invalid"
        if not answer:
            return "kept"
        return "updated" if card.answer(person, answer) else "invalid"

    # Links (dingtalk.md 2.1)

    def tap(self, user, message, title):
        """A button or a link of a message. A dtmd link says its text as whoever tapped it; with a host that is not in
        lower case nothing happens at all."""
        person = self.organization.person(user)
        found = self.world.conversations.message(message)
        sees = person.staff_id in found.recipients if found.recipients else person.name in found.conversation.members
        if not sees:
            raise Impossible(f"{person.name} does not see {message}", 403)
        link = next((each for each in found.buttons if each["title"] == title), None)
        if link is None or found.state == "recalled":
            raise Impossible(f"{message} has nothing called {title}", 404)
        interaction = Interaction(self.world, "link", person, found.conversation, url=link["url"])
        parts = urllib.parse.urlsplit(link["url"])
        words = urllib.parse.parse_qs(parts.query).get("content", [""])[0]
        if parts.scheme != "dtmd":
            interaction.outcome = "opened"
        elif not link["url"].startswith(DTMD) or not words:
            interaction.outcome = "ignored"
        else:
            group = found.conversation.id if found.conversation.kind == "2" else None
            said = self.world.people.say(person.name, group, text=words, at=self.world.settings["dtmd_reaches"])
            interaction.outcome, interaction.facts["said"] = "said", said.id
        self.world.journal.changed()
        return interaction

    def read(self, user, message=None, ding=None, notice=None):
        """A person has it on the screen; of a work notification `notice` is the task_id."""
        person = self.organization.person(user)
        if ding is not None:
            return self.world.dings.read(person, ding)
        if notice is not None:
            return self.world.work.read(person, notice)
        return self.world.conversations.read(person, self.world.conversations.message(message)).row()
