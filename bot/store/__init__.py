"""Tables, repositories, unit of work, migrations: the only place where SQL exists."""
