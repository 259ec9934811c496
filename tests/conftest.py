"""What all tests share: hypothesis judges what is right, not how quick a busy machine is."""

from hypothesis import HealthCheck, settings

settings.register_profile("workbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workbench")
