"""The story with the official Python client: typed, dynamic, watches and informers, leader election. Each module is a chapter."""
import checks
import cluster
import objects  # noqa: F401
import dynamic_objects  # noqa: F401
import watches  # noqa: F401
import election  # noqa: F401

cluster.core.delete_namespace(cluster.namespace)
checks.end()
