"""Measurements that anyone can repeat: ``python -m semanticdraw_widget.bench speed|scale|fidelity|startup|scenes``."""
