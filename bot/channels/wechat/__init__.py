"""The WeChat official account: callback, messages, replies, and calls to WeChat's API."""
