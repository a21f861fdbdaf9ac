"""The pages that people see: server-rendered, and the same actions behind them as behind REST."""
