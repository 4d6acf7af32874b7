"""The desk's tables as Django sees them: unmanaged, the same names, the columns that lists and forms show."""

from datetime import date

from django.db import models

from models import projects, records, stations, volunteers
from models.activities import Activity as OurActivity
from models.vocabulary import Term as OurTerm

RECORD_STATES = [(s.name, s.label) for s in records.ServiceRecord.life.states]
VOLUNTEER_STATES = [(s.name, s.label) for s in volunteers.Volunteer.life.states]


class Term(models.Model):
    kind = models.CharField(max_length=16)
    code = models.CharField(max_length=8)
    name = models.CharField(max_length=40)
    position = models.IntegerField()

    class Meta:
        managed, db_table = False, OurTerm._meta.table_name


class Division(models.Model):
    code = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=60)

    class Meta:
        managed, db_table = False, stations.Division._meta.table_name

    def __str__(self):
        return self.name


class Station(models.Model):
    name = models.CharField("工作站", max_length=80)

    class Meta:
        managed, db_table = False, stations.Station._meta.table_name

    def __str__(self):
        return self.name


class Project(models.Model):
    name = models.CharField(max_length=80)

    class Meta:
        managed, db_table = False, projects.Project._meta.table_name


class Activity(models.Model):
    name = models.CharField("活动", max_length=80)

    class Meta:
        managed, db_table = False, OurActivity._meta.table_name

    def __str__(self):
        return self.name


class Volunteer(models.Model):
    station = models.ForeignKey(Station, models.PROTECT, verbose_name="工作站")
    card_no = models.CharField("志愿者编号", max_length=20, null=True, blank=True)
    name = models.CharField("姓名", max_length=50)
    document_type = models.CharField("证件类型", max_length=20, choices=volunteers.DOCUMENTS)
    document_number = models.TextField("证件号码")
    document_index = models.CharField(max_length=40)
    gender = models.CharField("性别", max_length=1, choices=volunteers.GENDERS)
    birth_date = models.DateField("出生日期")
    phone = models.TextField("联系电话")
    residence = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, verbose_name="居住区域")
    address = models.TextField("详细地址", null=True, blank=True)
    ethnicity = models.CharField("民族", max_length=8, blank=True)
    politics = models.CharField("政治面貌", max_length=8, blank=True)
    education = models.CharField("学历", max_length=8, blank=True)
    occupation = models.CharField("从业情况", max_length=8, blank=True)
    skills = models.TextField("服务技能", blank=True)
    languages = models.TextField("语言", blank=True)
    speciality = models.CharField("个人特长", max_length=100, blank=True)
    categories = models.TextField("服务类别", blank=True)
    service_times = models.TextField("服务时间", blank=True)
    national_no = models.CharField("全国编号", max_length=30, blank=True)
    guardian_name = models.CharField("监护人", max_length=50, blank=True)
    guardian_phone = models.TextField("监护人电话", null=True, blank=True)
    consent_on = models.DateField("知情同意日期", null=True, blank=True)
    registered_on = models.DateField("注册日期", null=True, blank=True)
    state = models.CharField("状态", max_length=12, choices=VOLUNTEER_STATES)

    class Meta:
        managed, db_table, ordering = False, volunteers.Volunteer._meta.table_name, ["-id"]

    def __str__(self):
        return f"{self.name} {self.card_no}"

    def age(self):
        today = date.today()
        return (
            today.year
            - self.birth_date.year
            - ((today.month, today.day) < (self.birth_date.month, self.birth_date.day))
        )


class ServiceRecord(models.Model):
    station = models.ForeignKey(Station, models.PROTECT, verbose_name="工作站")
    volunteer = models.ForeignKey(Volunteer, models.PROTECT, verbose_name="志愿者")
    activity = models.ForeignKey(Activity, models.PROTECT, verbose_name="活动")
    started_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间")
    travel_minutes = models.IntegerField("往返交通")
    minutes = models.IntegerField("服务时长")
    content = models.CharField("服务内容", max_length=500)
    quality = models.CharField("服务质量", max_length=8)
    backfilled = models.BooleanField("补录")
    state = models.CharField("状态", max_length=12, choices=RECORD_STATES)

    class Meta:
        managed, db_table, ordering = False, records.ServiceRecord._meta.table_name, ["-id"]
