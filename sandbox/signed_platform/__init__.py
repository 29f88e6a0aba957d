"""What the pretend payment platform and the pretend bank share: a door of signed JSON, a book of orders and refunds,
notifications, and how their pages look.

Each word is signed with the key that it shares with the school, of which it knows nothing but the merchant number.
"""
