"""opsdroid as its documentation shows it: the Facebook connector, regex skills, a dict of states.

The connector checks no signature, removes no repeats, and answers the webhook after the skill has replied.
Its send address is a constant of its module, turned to the bench's provider.
"""

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

from opsdroid.cli.utils import configure_lang
from opsdroid.configuration import load_config_file
from opsdroid.core import OpsDroid
from opsdroid.loader import Loader

SKILL = """
from opsdroid.matchers import match_regex
from opsdroid.skill import Skill


class Talk(Skill):
    def __init__(self, opsdroid, config):
        super().__init__(opsdroid, config)
        self.names = {}

    @match_regex(r"^/start (?P<number>.*)$")
    async def start(self, message):
        self.names[message.user_id] = ""
        await message.respond("menu " + message.entities["number"]["value"])

    @match_regex(r"^(?!/start)(?!yes$).*$")
    async def name(self, message):
        self.names[message.user_id] = message.text
        await message.respond("confirm " + message.text)

    @match_regex(r"^yes$")
    async def confirm(self, message):
        await message.respond("done " + self.names.pop(message.user_id))
"""
CONFIGURATION = """
logging: {{level: critical, console: false}}
welcome-message: false
web: {{host: 127.0.0.1, port: {port}, disable_web_index_handler_in_root: true}}
parsers: {{regex: {{}}}}
connectors:
  facebook: {{verify-token: V, page-access-token: T, bot-name: bench}}
skills:
  talk: {{path: {skill}}}
"""


plainly = Loader.import_module_from_spec


def turned_to_our_provider(spec: Any) -> Any:
    """Its loader makes a copy of each connector's module: the address is changed in that one."""
    module = plainly(spec)
    if hasattr(module, "_FACEBOOK_SEND_URL"):
        module._FACEBOOK_SEND_URL = os.environ["PROVIDER"] + "/v24.0/me/messages?access_token={}"
    return module


def main() -> None:
    Loader.import_module_from_spec = staticmethod(turned_to_our_provider)
    with tempfile.TemporaryDirectory() as folder:
        skill, configuration = Path(folder, "talk.py"), Path(folder, "configuration.yaml")
        skill.write_text(SKILL)
        configuration.write_text(CONFIGURATION.format(port=os.environ["PORT"], skill=skill))
        logging.disable(logging.ERROR)
        configure_lang({})
        with OpsDroid(config=load_config_file([str(configuration)]), config_path=str(configuration)) as bot:
            bot.run()


if __name__ == "__main__":
    main()
