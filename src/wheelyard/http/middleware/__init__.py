"""What every request passes through: plain ASGI classes of one screen each."""
