"""Responsibility and commitment letters (目标任务书、责任书、承诺书): who promised what to whom, signed and kept."""
