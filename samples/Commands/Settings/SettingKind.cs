namespace Graph.Samples.Commands;

internal enum SettingKind
{
    Text,
    Whole,
    Number,
}
