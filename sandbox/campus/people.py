"""5,000 invented people: students by class and room, counselors, and the offices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sandbox.campus.id_numbers import invent_id_number
from sandbox.campus.model import Building, Person, Role, Room
from sandbox.campus.names import invent_name
from sandbox.campus.places import SHOWER_CENTRE

PEOPLE = 5_000
COUNSELORS = 56
OFFICES = (
    (Role.OPERATOR, 9001001, 6, "卡务中心"),
    (Role.FINANCE, 9002001, 3, "财务处"),
    (Role.UTILITY_STAFF, 9003001, 8, "水电中心"),
    (Role.AUDITOR, 9004001, 1, "审计处"),
)
FIRST_DEPARTMENT_OFFICE = 9005001  # one 院部办公室 for each department
FIRST_STUDENT, FIRST_COUNSELOR = 2002001, 1005001
CLASS_SIZE = 44
MAJORS = (
    ("信息工程学院", ("软件技术", "大数据技术", "物联网应用")),
    ("机电工程学院", ("机械制造", "机电一体化", "工业机器人")),
    ("建筑学院", ("建筑工程", "工程造价", "园林技术")),
    ("护理学院", ("护理", "助产", "康复治疗")),
    ("财经学院", ("会计", "电子商务", "现代物流")),
    ("人文艺术学院", ("学前教育", "视觉传达", "旅游管理")),
    ("生物工程学院", ("茶叶加工", "食品检测", "畜牧兽医")),
    ("汽车工程学院", ("汽车检测", "新能源汽车", "轨道交通")),
)
STUDENTS = PEOPLE - COUNSELORS - len(MAJORS) - sum(count for _, _, count, _ in OFFICES)
# What the stories need: 2002003's ID number ends in X, the others' do not.
_STORY_CHECKS = {2002001: False, 2002002: False, 2002003: True, 1005001: False, 9001001: False}


def build_people(draw: Random, today: date, buildings: list[Building], rooms: list[Room]) -> list[Person]:
    students = _house(list(_students(draw, today)), buildings, rooms)
    classes = list(dict.fromkeys(student.class_name for student in students if student.class_name))
    department_of = {student.class_name: student.department for student in students}
    counselors = []
    for index in range(COUNSELORS):
        theirs = tuple(classes[index::COUNSELORS])
        counselors.append(
            _person(
                draw,
                FIRST_COUNSELOR + index,
                Role.COUNSELOR,
                today.year - 34,
                department_of[theirs[0]],
                theirs,
            )
        )
    offices = [
        _person(draw, first + index, role, today.year - 41, department, ())
        for role, first, count, department in OFFICES
        for index in range(count)
    ]
    departments = [
        _person(
            draw, FIRST_DEPARTMENT_OFFICE + index, Role.DEPARTMENT_OFFICE, today.year - 45, department, ()
        )
        for index, (department, _) in enumerate(MAJORS)
    ]
    return [*students, *counselors, *offices, *departments]


def _students(draw: Random, today: date) -> Iterator[Person]:
    school_year = today.year if today.month >= 9 else today.year - 1
    majors = [(department, major) for department, names in MAJORS for major in names]
    for index in range(STUDENTS):
        class_index = index // CLASS_SIZE
        department, major = majors[class_index % len(majors)]
        round_ = class_index // len(majors)
        grade, nth = school_year - round_ % 3, round_ // 3 + 1
        gender = draw.choice("MF")
        number = FIRST_STUDENT + index
        yield Person(
            number=str(number),
            name=invent_name(draw, gender),
            role=Role.STUDENT,
            gender=gender,
            id_number=_id_number(draw, number, grade - 19, gender),
            phone=_phone(number),
            department=department,
            class_name=f"{major}{grade % 100:02d}{nth:02d}班",
        )


def _house(students: list[Person], buildings: list[Building], rooms: list[Room]) -> list[Person]:
    """Classmates live together: each gender's students, in class order, spread evenly over its rooms."""
    gender_of = {building.code: building.gender for building in buildings}
    room_of: dict[str, str] = {}
    for gender in "MF":
        theirs = [student for student in students if student.gender == gender]
        free = [room for room in rooms if gender_of[room.building] == gender and room.code != SHOWER_CENTRE]
        for index, student in enumerate(theirs):
            room_of[student.number] = free[index * len(free) // len(theirs)].code
    return [replace(student, room=room_of[student.number]) for student in students]


def _person(
    draw: Random, number: int, role: Role, born: int, department: str, classes: tuple[str, ...]
) -> Person:
    gender = draw.choice("MF")
    return Person(
        number=str(number),
        name=invent_name(draw, gender),
        role=role,
        gender=gender,
        id_number=_id_number(draw, number, born, gender),
        phone=_phone(number),
        department=department,
        classes=classes,
    )


def _id_number(draw: Random, number: int, year: int, gender: str) -> str:
    born = date(year, 1, 1) + timedelta(days=draw.randrange(365))
    return invent_id_number(draw, born, gender, ends_in_x=_STORY_CHECKS.get(number))


def _phone(number: int) -> str:
    """11 digits in 100…: the shape of a mobile number, of a range no operator has."""
    return f"100{number:08d}"
