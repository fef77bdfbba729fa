"""Named like our core."""

import asyncio

from aiogram.types import BotCommand

from loader import bot, dp


async def on_startup(greeting: str) -> None:
    await bot.set_my_commands([BotCommand(command="count", description="Hitung")])
    await bot.send_message(1, f"the administrator hears {greeting}")


async def main() -> None:
    from handlers import keyboards, talk

    dp["clock"] = "mine"
    dp.include_routers(talk.router, keyboards.router)
    dp.startup.register(on_startup)
    await bot.delete_webhook(drop_pending_updates=True)
    try:
        await dp.start_polling(bot, greeting="hai")
    finally:
        await bot.session.close()


if __name__ == "__main__":
    asyncio.run(main())
