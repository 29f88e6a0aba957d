"""Why can't I pay?"""

from typing import Self

import strawberry

from onecard.rules.refusals import Refusal
from schema.fields import resolver
from schema.words import InLanguage, Language, spoken


@strawberry.type(description="One reason why a payment would be refused now, with one remedy 办法.")
class Obstacle:
    refusal: strawberry.Private[Refusal]

    @resolver('Stable name for programs: the code of the refusal it would be, such as "ACCOUNT_FROZEN".')
    def code(self) -> str:
        return self.refusal.code.value

    @resolver("What stands in the way, for people.")
    def message(self, language: InLanguage = Language.ZH) -> str:
        return self.refusal.message(spoken(language))

    @resolver("What to do about it 办法.")
    def remedy(self, language: InLanguage = Language.ZH) -> str:
        return self.refusal.remedy(spoken(language))

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        return cls(refusal=refusal)
