"""Works (任务与项目): task lists, tasks and projects by declared stages, progress, lights, slips, contributions."""
