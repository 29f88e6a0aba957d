"""The gateway's way to the API: trusted documents over HTTP and graphql-transport-ws, and its own token.

May import gql and aiohttp; knows nothing of devices. Whether a failed call may have acted is in its error.
"""
