"""What has an id of its own and can be asked for again."""

import strawberry


@strawberry.interface(description="A thing with an id of its own. Ask for it again with `node(id:)`.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque and stable. Its prefix tells people, not programs, what it is."
    )
