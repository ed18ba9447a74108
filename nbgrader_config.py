"""nbgrader for a class: this repository is the course directory.

    nbgrader generate_assignment 01_events_and_the_log
    nbgrader autograde 01_events_and_the_log
    nbgrader generate_feedback 01_events_and_the_log

Submissions go to `.grading/submitted/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`. Autograding runs what
strangers wrote: do it in a container without network, and read the flags beside the points.
"""

c = get_config()  # noqa: F821 - traitlets hands it to every configuration file

c.CourseDirectory.course_id = "kafkabook"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.CourseDirectory.submitted_directory = ".grading/submitted"
c.CourseDirectory.autograded_directory = ".grading/autograded"
c.CourseDirectory.feedback_directory = ".grading/feedback"
c.CourseDirectory.db_url = "sqlite:///.grading/gradebook.db"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ClearSolutions.begin_solution_delimeter = "### BEGIN SOLUTION"
c.ClearSolutions.end_solution_delimeter = "### END SOLUTION"
c.Execute.timeout = 300
c.NbGraderAPI.timestamp_format = "%Y-%m-%d %H:%M:%S %Z"
