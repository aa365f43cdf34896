using Graph.Generator.Support;

namespace Graph.Generator.Specs;

/// <summary>A diagnostic without a location: <see cref="Path"/> finds it on the second pipeline (anchors 3.3).</summary>
/// <param name="Id">e.g. <c>GRAPH042</c>.</param>
/// <param name="Path">
/// Where: empty for the model's name, <c>node</c>, <c>Block.node</c> for a node of a block of this compilation, <c>Block.</c> for the
/// block's name, <c>node:argument</c> for one attribute argument, <c>node@In</c> and <c>node@Updates</c>, <c>size:Name</c>, <c>loop:Name</c>.
/// </param>
/// <param name="Arguments">Message arguments.</param>
internal sealed record Problem(string Id, string Path, EquatableArray<string> Arguments)
{
    public static Problem Of(string id, string path, params string[] arguments) => new(id, path, arguments.ToEquatable());

    /// <summary>A bug of ours, at the model's name.</summary>
    public static Problem Failure(string pass, string model, Exception failure) =>
        Of("GRAPH099", "", pass, model, failure.Message + " " + (failure.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? ""));
}
