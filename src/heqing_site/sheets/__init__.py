"""Sheets that people bring and take (表格导入导出): columns declared once, faults told per row, rejected rows kept."""
