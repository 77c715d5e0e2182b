"""Staff: who has an account, and how they prove to be who they say."""
