"""aiogram as its documentation shows it: SimpleRequestHandler, states in memory, nothing durable.

Reads PORT, PROVIDER, TOKEN and SECRET from the environment.
"""

import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from benchmarks.bots.talk import router


def main() -> None:
    env = os.environ
    session = AiohttpSession(api=TelegramAPIServer.from_base(env["PROVIDER"]))
    bot, dispatcher = Bot(env["TOKEN"], session=session), Dispatcher()
    dispatcher.include_router(router())
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, secret_token=env["SECRET"]).register(app, path="/webhooks/telegram")
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=int(env["PORT"]), access_log=None, print=None)


if __name__ == "__main__":
    main()
