"""Web: settings, root addresses, the frame around all pages, login, home, health. It holds no room's business."""
