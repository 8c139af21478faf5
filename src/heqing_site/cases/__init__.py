"""Cases (问题闭环): from an exceedance to its closing, and back when it returns."""
