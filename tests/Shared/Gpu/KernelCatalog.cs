using System.Reflection;
using System.Text.RegularExpressions;
using Graph.Execution;
using ILGPU;

namespace Graph.Tests.Gpu;

/// <summary>Finds the kernels of assemblies: methods with the signature of <see cref="GpuKernel"/>.</summary>
internal static partial class KernelCatalog
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private const BindingFlags Any = Static | BindingFlags.Instance;

    /// <summary>
    /// Every kernel that can be compiled: those without type parameters, those instantiated somewhere in the assemblies, and those given.
    /// What a generic method instantiates counts if the method is itself instantiated.
    /// </summary>
    /// <param name="assemblies">Searched, also for method groups of generic kernels.</param>
    /// <param name="more">Closed kernels that no method body of the assemblies names.</param>
    public static IReadOnlyDictionary<string, MethodInfo> Find(IReadOnlyList<Assembly> assemblies, params IEnumerable<MethodInfo> more)
    {
        var kernels = new SortedDictionary<string, MethodInfo>(StringComparer.Ordinal);
        foreach (var kernel in Reachable(assemblies).OfType<MethodInfo>().Concat(more).Where(IsKernel))
        {
            kernels[Name(kernel)] = kernel;
        }

        return kernels;
    }

    /// <summary>Generic kernels of which <paramref name="found"/> holds no instantiation.</summary>
    public static IEnumerable<string> Unproven(IReadOnlyList<Assembly> assemblies, IReadOnlyDictionary<string, MethodInfo> found)
    {
        var proven = found.Values.Select(kernel => (kernel.Module, kernel.MetadataToken)).ToHashSet();
        return Methods(assemblies, Static).OfType<MethodInfo>()
            .Where(method => method.ContainsGenericParameters && IsKernel(method) && !proven.Contains((method.Module, method.MetadataToken)))
            .Select(Name);
    }

    /// <summary>A kernel's name for people, e.g. <c>GpuTiles.Small&lt;DeepScalar, WideScalar&gt;</c>.</summary>
    public static string Name(MethodInfo kernel) => $"{Name(kernel.DeclaringType!)}.{kernel.Name}{Arguments(kernel.GetGenericArguments())}";

    /// <summary>A kernel as it is written, whatever its type arguments: <c>GpuTiles.Small</c>.</summary>
    public static string Definition(MethodInfo kernel) => TypeArguments().Replace(Name(kernel), "");

    /// <summary>All kernels that an assembly has, as they are written.</summary>
    public static IEnumerable<string> Definitions(Assembly assembly) => Methods([assembly], Static).OfType<MethodInfo>().Where(IsKernel).Select(Definition).Distinct();

    private static string Name(Type type) => $"{(type is { IsNested: true, IsGenericParameter: false } ? $"{Name(type.DeclaringType!)}." : "")}{type.Name.Split('`')[0]}{Arguments(type.GetGenericArguments())}";

    private static string Arguments(Type[] types) => types.Length == 0 ? "" : $"<{string.Join(", ", types.Select(Name))}>";

    private static bool IsKernel(MethodInfo method) =>
        method.IsStatic
        && method.ReturnType == typeof(void)
        && method.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual([typeof(ArrayView<float>), typeof(ArrayView<int>), typeof(GpuArguments)]);

    private static IEnumerable<MethodBase> Methods(IReadOnlyList<Assembly> assemblies, BindingFlags flags) =>
        assemblies.SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetMethods(flags).Cast<MethodBase>().Concat(type.GetConstructors(flags)));

    /// <summary>All methods without type parameters, and the instantiations that their bodies name, and so on from those.</summary>
    private static HashSet<MethodBase> Reachable(IReadOnlyList<Assembly> assemblies)
    {
        var open = new Queue<MethodBase>(Methods(assemblies, Any).Where(method => !method.ContainsGenericParameters));
        var seen = open.ToHashSet();
        while (open.TryDequeue(out var method))
        {
            foreach (var named in Named(method).Where(named => assemblies.Contains(named.Module.Assembly) && seen.Add(named)))
            {
                open.Enqueue(named);
            }
        }

        return seen;
    }

    /// <summary>
    /// Instantiations that a body calls or takes the address of. It is searched byte by byte: what is no instruction but looks like one names,
    /// if anything, another method of the same assembly, which does no harm.
    /// </summary>
    private static IEnumerable<MethodBase> Named(MethodBase method)
    {
        var body = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 1; at + 4 <= body.Length; at++)
        {
            // call, callvirt, newobj, ldftn: one or two bytes, then the method's token.
            var names = body[at - 1] is 0x28 or 0x6F or 0x73 || (at > 1 && body[at - 2] == 0xFE && body[at - 1] == 0x06);
            if (names && Resolve(method, BitConverter.ToInt32(body, at)) is { ContainsGenericParameters: false } named && (named.IsGenericMethod || named.DeclaringType is { IsGenericType: true }))
            {
                yield return named;
            }
        }
    }

    [GeneratedRegex("<.*>")]
    private static partial Regex TypeArguments();

    private static MethodBase? Resolve(MethodBase method, int token)
    {
        try
        {
            return method.Module.ResolveMethod(token, method.DeclaringType?.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : null);
        }
        catch (Exception error) when (error is ArgumentException or BadImageFormatException)
        {
            // Not a token: the bytes were no instruction.
            return null;
        }
    }
}
