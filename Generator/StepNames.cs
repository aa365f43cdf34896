namespace Graph.Generator;

/// <summary>Names of the pipeline's steps; the incrementality tests ask for them by name.</summary>
internal static class StepNames
{
    public const string Read = "Read";
    public const string Compile = "Compile";
    public const string Files = "Files";
}
