"""Package settings in parameters: null takes what stands above, and so does nothing in a form."""

from typing import Annotated

from pydantic import BeforeValidator

from wheelyard.domain.access import RegistryAccess
from wheelyard.domain.findings import Strictness
from wheelyard.domain.models.places import Duplicates

# A form has no null: `-d validation=` is all that it can say.
_NOTHING_IS_NULL = BeforeValidator(lambda value: None if value == "" else value)

SwitchChoice = Annotated[bool | None, _NOTHING_IS_NULL]
DuplicatesChoice = Annotated[Duplicates | None, _NOTHING_IS_NULL]
ValidationChoice = Annotated[Strictness | None, _NOTHING_IS_NULL]
AccessChoice = Annotated[RegistryAccess | None, _NOTHING_IS_NULL]
