"""Imported first: aiogram's models are put off, as the verbs put them off."""

from bot import lazy_models

lazy_models.import_aiogram()
