using System.Reflection;
using Graph.Execution;
using ILGPU;

namespace Graph.Tests.Gpu;

/// <summary>Finds the kernels of assemblies: methods with the signature of <see cref="GpuKernel"/>.</summary>
internal static class KernelCatalog
{
    private const BindingFlags Static = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private const BindingFlags Any = Static | BindingFlags.Instance;

    /// <summary>
    /// Every kernel that can be compiled: those without type parameters, those instantiated somewhere in the assemblies, and those given.
    /// </summary>
    /// <param name="assemblies">Searched, also for method groups of generic kernels.</param>
    /// <param name="more">Closed kernels that no method body of the assemblies names.</param>
    public static IReadOnlyDictionary<string, MethodInfo> Find(IReadOnlyList<Assembly> assemblies, params IEnumerable<MethodInfo> more)
    {
        var kernels = new SortedDictionary<string, MethodInfo>(StringComparer.Ordinal);
        var declared = Methods(assemblies, Static).OfType<MethodInfo>();
        foreach (var kernel in declared.Concat(Methods(assemblies, Any).SelectMany(Named)).Concat(more).Where(IsKernel).Where(method => !method.ContainsGenericParameters))
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

    private static string Name(Type type) => $"{(type is { IsNested: true, IsGenericParameter: false } ? $"{Name(type.DeclaringType!)}." : "")}{type.Name.Split('`')[0]}{Arguments(type.GetGenericArguments())}";

    private static string Arguments(Type[] types) => types.Length == 0 ? "" : $"<{string.Join(", ", types.Select(Name))}>";

    private static bool IsKernel(MethodInfo method) =>
        method.IsStatic
        && method.ReturnType == typeof(void)
        && method.GetParameters().Select(parameter => parameter.ParameterType).SequenceEqual([typeof(ArrayView<float>), typeof(ArrayView<int>), typeof(GpuArguments)]);

    private static IEnumerable<MethodBase> Methods(IReadOnlyList<Assembly> assemblies, BindingFlags flags) =>
        assemblies.SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetMethods(flags).Cast<MethodBase>().Concat(type.GetConstructors(flags)));

    /// <summary>
    /// Methods whose address a body takes, as <c>new GpuKernel(Kernel&lt;A&gt;)</c> does. The body is searched byte by byte: what is no instruction
    /// but looks like one names, with luck beyond measure, another kernel of the same assembly.
    /// </summary>
    private static IEnumerable<MethodInfo> Named(MethodBase method)
    {
        var body = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at + 6 <= body.Length; at++)
        {
            // ldftn: FE 06, then the method's token.
            if (body[at] == 0xFE && body[at + 1] == 0x06 && Resolve(method, BitConverter.ToInt32(body, at + 2)) is { } named)
            {
                yield return named;
            }
        }
    }

    private static MethodInfo? Resolve(MethodBase method, int token)
    {
        try
        {
            var ofMethod = method is { IsGenericMethodDefinition: true } ? method.GetGenericArguments() : null;
            return method.Module.ResolveMethod(token, method.DeclaringType?.GetGenericArguments(), ofMethod) as MethodInfo;
        }
        catch (ArgumentException)
        {
            // Not a token: the bytes were no instruction.
            return null;
        }
    }
}
