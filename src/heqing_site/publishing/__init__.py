"""The room of publishing (通报与公开): bulletins, cockpit and map."""
