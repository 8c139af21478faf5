"""Library (文件解读): documents as received, what was found in them, and what an officer decided about each finding."""
