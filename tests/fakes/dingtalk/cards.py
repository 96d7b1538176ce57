"""Interactive cards as they stand in their spaces: data for all, data for one person, who sees them (dingtalk.md 4)."""
import copy

from common.refusals import Impossible

SCHEME = "dtv1.card//"


class Space:
    """One place where a card stands: a group, a person's conversation with the robot, the top of a group."""

    def __init__(self, type, place, conversation, carrier):
        self.type, self.place, self.conversation, self.carrier = type, place, conversation, carrier
        self.recipients = None  # staff ids; None: everybody there
        self.mentions, self.at_all, self.alert, self.last_message = [], False, None, None
        self.open, self.expires = True, None

    def row(self):
        return {**vars(self), "conversation": self.conversation.id, "group": self.conversation.name}


class Card:
    def __init__(self, world, id, template, callback_type, public, private, user_id_type):
        self.world, self.id, self.template, self.callback_type = world, id, template, callback_type
        self.public, self.private, self.user_id_type = public, private, user_id_type
        self.spaces, self.history, self.guids = [], [], set()
        self.models, self.results = {}, []  # of the spaces it may stand in; of its deliveries
        self.created = int(world.clock.now() * 1000)
        self.seq = world.journal.stamp()

    def seen_by(self, person):
        """The space in which this person sees it, or None."""
        for space in self.spaces:
            shown = space.recipients is None or person.staff_id in space.recipients
            if space.open and shown and person.name in space.conversation.members:
                return space
        return None

    def shown_to(self, person):
        return {**self.public, **self.private.get(person.staff_id, {})}

    def change(self, public=None, private=None, by_key=False, private_by_key=False, by="update"):
        """Without `by_key` the whole data is replaced."""
        self.history.append({"by": by, "public": copy.deepcopy(self.public), "private": copy.deepcopy(self.private),
                             "clock": self.world.clock.now()})
        if public is not None:
            self.public = {**self.public, **public} if by_key else dict(public)
        for id, fields in (private or {}).items():
            self.private[id] = {**self.private.get(id, {}), **fields} if private_by_key else dict(fields)
        self.world.journal.changed()

    def answer(self, person, response):
        """What the answer to a click does; False if its shape is none (then nothing)."""
        options = response.get("cardUpdateOptions", {})
        public, private = response.get("cardData"), response.get("userPrivateData")
        for part in (public, private):
            if part is not None and not _fits(part):
                return False
        if not isinstance(options, dict) or not all(isinstance(value, bool) for value in options.values()):
            return False
        self.change(public and public["cardParamMap"], {person.staff_id: private["cardParamMap"]} if private else None,
                    options.get("updateCardDataByKey", False), options.get("updatePrivateDataByKey", False), "answer")
        return True

    def row(self):
        organization = self.world.organization
        variables = organization.card_templates[self.template]["variables"]
        return {"id": self.id, "seq": self.seq, "template": self.template, "callback_type": self.callback_type,
                "data": self.public, "private": self.private, "history": self.history, "created": self.created,
                "spaces": [each.row() for each in self.spaces], "version": len(self.history),
                "unknown_variables": [] if variables is None else sorted(set(self.public) - set(variables)),
                "shown": {each.name: self.shown_to(each) for each in organization.people.values()
                          if self.seen_by(each)}}


class Cards:
    def __init__(self, world):
        self.world, self.every = world, {}

    def card(self, id):
        if id not in self.every:
            raise Impossible(f"there is no card {id}", 404)
        return self.every[id]


def _fits(part):
    params = part.get("cardParamMap") if isinstance(part, dict) else None
    return isinstance(params, dict) and all(isinstance(value, str) for value in params.values())


def card_data(part, problem):
    """The cardParamMap of `part`: strings to strings, whatever they mean (dingtalk.md 4.2)."""
    if not _fits(part):
        raise problem
    return dict(part["cardParamMap"])
