"""What every resolver is given."""

from __future__ import annotations

import strawberry

from api.operation import Operation

Info = strawberry.Info[Operation, None]
