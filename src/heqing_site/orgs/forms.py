"""The shape of what a person types about units, posts, people and rights. Rules are kept by the actions, not here."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator

from heqing_site.orgs.models import LeadingGroup, Post, Unit, User
from heqing_site.orgs.rules import KIND_NAMES, PART_NAMES, PILLAR_NAMES, ROLE_NAMES, Part, Role, UnitKind


class DayInput(forms.DateInput):
    """A day, with the calendar of the browser."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def day_field(label: str, **options: object) -> forms.DateField:
    """Ask for a day."""
    return forms.DateField(label=label, widget=DayInput(), **options)  # type: ignore[arg-type]


def reason_field(label: str = "理由", help_text: str = "记入操作记录，例如文件名称和文号") -> forms.CharField:
    """Ask for the reason."""
    return forms.CharField(label=label, max_length=200, help_text=help_text)


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a unit; the code tells apart units of one name."""

    def label_from_instance(self, obj: Unit) -> str:
        """Show name and code."""
        return f"{obj.name}（{obj.code}）"


class UserChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a person; the user name tells apart people of one name."""

    def label_from_instance(self, obj: User) -> str:
        """Show name and user name."""
        return f"{obj.display_name}（{obj.username}）"


class UnitForm(forms.Form):
    """A new unit."""

    name = forms.CharField(label="名称", max_length=80)
    code = forms.CharField(
        label="代码", max_length=32, help_text="行政区划代码、统一社会信用代码或本地自编代码，不重复"
    )
    kind = forms.ChoiceField(
        label="类别", choices=[("", "请选择"), *((kind.value, KIND_NAMES[kind]) for kind in UnitKind)]
    )
    active_from = day_field("设立日期")


class RenameForm(forms.Form):
    """Another name for a unit."""

    name = forms.CharField(label="新名称", max_length=80)
    because = reason_field()


class MoveForm(forms.Form):
    """Another place for a unit."""

    parent = UnitChoice(Unit.objects.none(), label="新的上级单位", required=False, empty_label="（无上级，列为顶层）")
    because = reason_field()

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["parent"].queryset = Unit.objects.active_on(on)  # type: ignore[attr-defined]


class CloseUnitForm(forms.Form):
    """The end of a unit."""

    last_day = day_field("最后一日", help_text="该日仍有效，次日起停用")
    because = reason_field()


class MergeForm(forms.Form):
    """A unit goes into another."""

    into = UnitChoice(Unit.objects.none(), label="并入哪个单位", empty_label="请选择")
    last_day = day_field("最后一日", help_text="该日仍由本单位负责，次日起由并入单位负责；生效后登记")
    posts = forms.ChoiceField(
        label="职务",
        choices=[("move", "转到并入单位，任职人随转"), ("end", "全部终止任期")],
        help_text="与并入单位职务同名的，加注“原…”",
    )
    move_grants = forms.BooleanField(
        label="授权随转",
        required=False,
        initial=True,
        help_text="在本单位范围内的业务授权改在并入单位；管理员授权一律收回",
    )
    because = reason_field()

    def __init__(self, *args: object, on: date, unit: Unit, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        into = Unit.objects.active_on(on).filter(active_to__isnull=True).exclude(pk=unit.pk)
        self.fields["into"].queryset = into  # type: ignore[attr-defined]


class SucceedForm(forms.Form):
    """Somebody takes up a post that another holds."""

    holder = UserChoice(User.objects.none(), label="接任人")
    started_on = day_field("到任日期", help_text="原任职人任期到前一日为止")
    because = reason_field("原任职人离任原因", "例如调任、退休、免职，可附文号")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["holder"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]


class PostForm(forms.Form):
    """A new post."""

    name = forms.CharField(label="职务名称", max_length=60, help_text="一个职务一个人，例如“局长”“副局长（分管水）”")


class AppointForm(forms.Form):
    """Somebody takes up a post."""

    holder = UserChoice(User.objects.none(), label="任职人")
    started_on = day_field("到任日期")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["holder"].queryset = User.objects.filter(is_active=True)  # type: ignore[attr-defined]


class EndTermForm(forms.Form):
    """Somebody leaves a post."""

    last_day = day_field("最后一日", help_text="该日仍在任")
    because = reason_field("离任原因", "例如调任、退休、免职，可附文号")


class UserForm(forms.Form):
    """A new account."""

    username = forms.CharField(
        label="用户名",
        max_length=40,
        validators=[UnicodeUsernameValidator()],
        help_text="登录时使用；可用汉字、字母、数字和 @ . + - _",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    display_name = forms.CharField(label="姓名", max_length=40)
    phone = forms.RegexField(r"^[0-9+ -]{5,20}$", label="手机", required=False, help_text="可不填")
    unit = UnitChoice(Unit.objects.none(), label="归口单位", required=False, empty_label="（全站账号）")
    password = forms.CharField(
        label="初始密码",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 位，不能全为数字，不能与姓名、用户名相近；请当面告知本人并请其登录后修改",
        strip=False,
    )

    def __init__(self, *args: object, on: date, within: set[int] | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        units = Unit.objects.active_on(on)
        field = self.fields["unit"]
        field.queryset = units if within is None else units.filter(pk__in=within)  # type: ignore[attr-defined]
        field.required = within is not None


class AmendUserForm(forms.Form):
    """What may be corrected of an account."""

    display_name = forms.CharField(label="姓名", max_length=40)
    phone = forms.RegexField(r"^[0-9+ -]{5,20}$", label="手机", required=False)
    unit = UnitChoice(Unit.objects.none(), label="归口单位", required=False, empty_label="（全站账号）")
    because = reason_field()

    def __init__(self, *args: object, on: date, within: set[int] | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        units = Unit.objects.active_on(on)
        field = self.fields["unit"]
        field.queryset = units if within is None else units.filter(pk__in=within)  # type: ignore[attr-defined]
        field.required = within is not None


class PasswordForm(forms.Form):
    """A new password, typed twice; one's own also needs the old one."""

    old_password = forms.CharField(
        label="原密码", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )
    password = forms.CharField(
        label="新密码",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="至少 10 位，不能全为数字，不能与姓名、用户名相近",
        strip=False,
    )
    again = forms.CharField(
        label="再次输入新密码", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def __init__(self, *args: object, owner: User | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.owner = owner
        if owner is None:
            del self.fields["old_password"]

    def clean_old_password(self) -> str:
        """Compare with the password in use."""
        typed: str = self.cleaned_data["old_password"]
        if self.owner is not None and not self.owner.check_password(typed):
            raise forms.ValidationError("原密码不正确，密码未修改。")
        return typed

    def clean_again(self) -> str:
        """Compare the two."""
        typed: str = self.cleaned_data["again"]
        if typed != self.cleaned_data.get("password"):
            raise forms.ValidationError("两次输入的新密码不一致，密码未修改。")
        return typed


class BecauseForm(forms.Form):
    """Nothing but the reason."""

    because = reason_field()


class GrantForm(forms.Form):
    """A role for a person."""

    role = forms.ChoiceField(label="角色", choices=[("", "请选择"), *((role.value, ROLE_NAMES[role]) for role in Role)])
    unit = UnitChoice(
        Unit.objects.none(), label="范围", required=False, empty_label="（全站）", help_text="含该单位的全部下级"
    )
    matters = forms.MultipleChoiceField(
        label="领域",
        choices=list(PILLAR_NAMES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="只负责部分领域时勾选；都不选为全部领域。管理员和审计员不分领域",
    )
    valid_from = day_field("起始日期")
    valid_to = day_field("截止日期", required=False, help_text="长期有效可不填；该日仍有效")

    def __init__(self, *args: object, on: date, within: set[int] | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        units = Unit.objects.active_on(on)
        field = self.fields["unit"]
        field.queryset = units if within is None else units.filter(pk__in=within)  # type: ignore[attr-defined]
        field.required = within is not None


class TokenForm(forms.Form):
    """A new token for a program."""

    name = forms.CharField(label="用途", max_length=60, help_text="哪个程序用、做什么，例如“数据中台每日取目标”")
    expires_on = day_field("截止日期", help_text="该日仍有效，次日起失效；不宜超过一年")


class PostChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Choose a post."""

    def label_from_instance(self, obj: Post) -> str:
        """Show unit and post."""
        return str(obj)


class GroupForm(forms.Form):
    """A new leading group."""

    name = forms.CharField(label="名称", max_length=80, help_text="例如“清河区全域治水领导小组”")
    unit = UnitChoice(Unit.objects.none(), label="所属单位", empty_label="请选择")
    office = UnitChoice(Unit.objects.none(), label="办公室设在", empty_label="请选择", help_text="承办日常工作的单位")
    founded_on = day_field("成立日期")
    because = reason_field("成立依据", "文件名称和文号")

    def __init__(self, *args: object, on: date, within: set[int] | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        units = Unit.objects.active_on(on)
        self.fields["unit"].queryset = units if within is None else units.filter(pk__in=within)  # type: ignore[attr-defined]
        self.fields["office"].queryset = units  # type: ignore[attr-defined]


class OfficeForm(forms.Form):
    """Another office for a leading group."""

    office = UnitChoice(Unit.objects.none(), label="办公室设在", empty_label="请选择")
    because = reason_field()

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["office"].queryset = Unit.objects.active_on(on)  # type: ignore[attr-defined]


class SeatForm(forms.Form):
    """A seat in a leading group."""

    post = PostChoice(Post.objects.none(), label="职务", empty_label="请选择", help_text="谁担任这个职务，谁就是成员")
    part = forms.ChoiceField(label="分工", choices=[(part.value, PART_NAMES[part]) for part in Part], initial="member")
    started_on = day_field("起始日期")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        posts = Post.objects.select_related("unit").filter(successor__isnull=True, unit__active_to__isnull=True)
        self.fields["post"].queryset = posts.order_by("unit__code", "pk")  # type: ignore[attr-defined]


class ResolutionForm(forms.Form):
    """One thing that a meeting resolved."""

    text = forms.CharField(
        label="议定事项",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "style": "width:100%"}),
    )
    unit = UnitChoice(Unit.objects.none(), label="责任单位", required=False, empty_label="（不指定）")
    due_on = day_field("完成时限", required=False)

    def __init__(self, *args: object, on: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["unit"].queryset = Unit.objects.active_on(on)  # type: ignore[attr-defined]


class AmendResolutionForm(ResolutionForm):
    """A resolution as it should have been."""

    because = reason_field("更正理由")


class MeetingForm(forms.Form):
    """A meeting of a leading group."""

    held_on = day_field("日期")
    subject = forms.CharField(label="议题", max_length=200)
    chair = PostChoice(Post.objects.none(), label="主持人职务", empty_label="请选择")

    def __init__(self, *args: object, group: LeadingGroup, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        posts = Post.objects.select_related("unit").filter(seats__group=group, seats__ended_on__isnull=True)
        self.fields["chair"].queryset = posts.distinct()  # type: ignore[attr-defined]
